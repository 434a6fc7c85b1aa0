"""Configurations, read by Python's ast; nothing in them is executed."""
import ast
import struct

from refusal import Refusal


def whole_power(base, exponent):
    if abs(base) > 1 and exponent > 64:
        raise Refusal("too large")
    return base ** exponent


OPERATORS = {ast.Add: lambda a, b: a + b, ast.Sub: lambda a, b: a - b, ast.Mult: lambda a, b: a * b, ast.Div: lambda a, b: a / b,
             ast.FloorDiv: lambda a, b: a // b, ast.Mod: lambda a, b: a % b,
             ast.Pow: lambda a, b: whole_power(a, b) if type(a) is type(b) is int else float(a) ** float(b)}


def evaluate(node, names):
    """A plain value; the text is not executed."""
    if isinstance(node, ast.Constant):
        if node.value is not None and type(node.value) not in (bool, int, float, str):
            raise Refusal("a constant")
        return node.value
    if isinstance(node, ast.List):
        return [evaluate(item, names) for item in node.elts]
    if isinstance(node, ast.Tuple):
        return tuple(evaluate(item, names) for item in node.elts)
    if isinstance(node, ast.Dict):
        result = {}
        for key, value in zip(node.keys, node.values):
            if key is None:
                result.update(evaluate(value, names))
            else:
                first = evaluate(key, names)
                result[first] = evaluate(value, names)
        return result
    if isinstance(node, ast.Name):
        if node.id in names:
            return names[node.id]
        if node.id in ("inf", "nan"):
            return float(node.id)
        raise Refusal(f"the name {node.id}")
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.UAdd, ast.USub)):
        value = evaluate(node.operand, names)
        return -value if isinstance(node.op, ast.USub) else +value
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        left, right = evaluate(node.left, names), evaluate(node.right, names)
        strings = type(left) is type(right) is str and isinstance(node.op, ast.Add)
        if not strings and not all(type(side) in (int, float) for side in (left, right)):
            raise Refusal("operands")
        return OPERATORS[type(node.op)](left, right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        result = dict(*[evaluate(item, names) for item in node.args])
        seen = set()
        for keyword in node.keywords:
            part = {keyword.arg: evaluate(keyword.value, names)} if keyword.arg else evaluate(keyword.value, names)
            if seen & part.keys() or not all(type(key) is str for key in part):
                raise Refusal("a key")
            seen |= part.keys()
            result.update(part)
        return result
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float" and len(node.args) == 1:
        return float(evaluate(node.args[0], names))
    raise Refusal(type(node).__name__)


def config_reader(data):
    names = {}
    try:
        for statement in ast.parse(data.decode("latin1")).body:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and type(statement.value.value) is str:
                continue
            if not isinstance(statement, ast.Assign) or not all(isinstance(target, ast.Name) for target in statement.targets):
                raise Refusal(type(statement).__name__)
            value = evaluate(statement.value, names)
            for target in statement.targets:
                names[target.id] = value
    except (SyntaxError, ValueError, TypeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise Refusal(f"{type(error).__name__}: {error}") from error
    told = []
    for name in sorted(names, key=lambda text: text.encode("utf-16-be", "surrogatepass")):
        tell(told, name)
        tell(told, names[name])
    return "".join(told)[:100_000]


def tell(told, value):
    """The form of ConfigTexts.Read."""
    if value is None or type(value) is bool:
        told.append("N" if value is None else "T" if value else "F")
    elif type(value) is int:
        told.append(f"i{value};")
    elif type(value) is float:
        told.append("nan;" if value != value else f"f{struct.unpack('<Q', struct.pack('<d', value))[0]:016x};")
    elif type(value) is str:
        told.append(f"s{value.encode('utf-16-le', 'surrogatepass').hex()};")
    elif len(told) > 100_000:
        return
    elif type(value) is dict:
        told.append("{")
        for key, item in value.items():
            tell(told, key)
            tell(told, item)
        told.append("}")
    else:
        told.append("(" if type(value) is tuple else "[")
        for item in value:
            tell(told, item)
        told.append(")" if type(value) is tuple else "]")
