// ONNX Runtime's side of the comparison: obeys lines on its input, as run.py says.
//
// Usage: worker_onnx.js FOLDER THREADS               prepare ITEM, time WAY RUNS
//        worker_onnx.js FOLDER THREADS ITEM RUNS     makes so many forward passes, and says when the first ends and the peak memory
// The package is looked for in FOLDER/node_modules.
const fs = require('fs');
const path = require('path');
const readline = require('readline');

const [folder, threads, once, runs] = process.argv.slice(2);
const ort = require(path.resolve(folder, 'node_modules/onnxruntime-node'));
const options = { intraOpNumThreads: Number(threads), interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all' };

function readTensors(file) {
  const raw = fs.readFileSync(file);
  const length = Number(raw.readBigUInt64LE(0));
  const header = JSON.parse(raw.toString('utf8', 8, 8 + length));
  const tensors = {};
  for (const [name, entry] of Object.entries(header)) {
    if (entry.dtype !== 'F32') continue;
    const [from, until] = entry.data_offsets.map((offset) => offset + 8 + length);
    tensors[name] = new ort.Tensor('float32', new Float32Array(new Uint8Array(raw.subarray(from, until)).buffer), entry.shape);
  }
  return tensors;
}

function writeTensors(file, tensors) {
  const header = {};
  const parts = [];
  let at = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    const bytes = Buffer.from(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
    header[name] = { dtype: 'F32', shape: tensor.dims, data_offsets: [at, at + bytes.length] };
    parts.push(bytes);
    at += bytes.length;
  }
  let text = JSON.stringify(header);
  text += ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
  fs.writeFileSync(file, Buffer.concat([length, Buffer.from(text), ...parts]));
}

async function open(item) {
  const session = await ort.InferenceSession.create(path.join(folder, `${item}.onnx`), options);
  const inputs = readTensors(path.join(folder, `${item}.safetensors`));
  return { session, feeds: Object.fromEntries(session.inputNames.map((name) => [name, inputs[name]])) };
}

async function main() {
  if (once) {
    const { session, feeds } = await open(once);
    for (let i = 0; i < Number(runs); i++) {
      await session.run(feeds);
      if (i === 0) console.log('first');
    }
    console.log(`peak ${/VmHWM:\s+(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]}`);
    return;
  }
  console.log(`ready ONNX Runtime ${ort.env.versions.node ?? ort.env.versions.common}`);
  let opened = null;
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [command, first, second] = line.split('\t');
    if (command === 'quit') break;
    if (command === 'prepare') {
      if (opened) await opened.session.release();
      opened = null;
      if (!fs.existsSync(path.join(folder, `${first}.onnx`))) {
        console.log('none');
        continue;
      }
      opened = await open(first);
      writeTensors(path.join(folder, `${first}.onnxruntime.safetensors`), await opened.session.run(opened.feeds));
      console.log('ok\tsession');
    } else if (command === 'time') {
      const seconds = [];
      for (let i = 0; i < Number(second); i++) {
        const start = process.hrtime.bigint();
        await opened.session.run(opened.feeds);
        seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
      }
      console.log(`ok\t${seconds.map((s) => s.toFixed(7)).join('\t')}`);
    }
  }
}

main().then(() => process.exit(0), (error) => {
  console.log(`error\t${String(error.message).split('\n')[0]}`);
  process.exit(1);
});
