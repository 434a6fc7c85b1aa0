#!/usr/bin/env bash
# What a teacher does for a small student on the demonstration's pictures: the same student with and without, five seeds each.
#   eng/study-distillation.sh FOLDER [EPOCHS [TEACHER_EPOCHS]]
set -eu
folder=${1:?FOLDER}
epochs=${2:-12}
dense=${DENSE:-$(dirname "$0")/../dense}
mkdir -p "$folder"
[ -f "$folder/teacher/model.safetensors" ] || $dense demo --out "$folder/teacher" --epochs "${3:-30}" | tail -1

train() {   # NAME CONFIG SEED [OPTIONS]
    out=$folder/$1-$3
    [ -f "$out/model.safetensors" ] || $dense train --annotations "$folder/teacher/train.json" --val-annotations "$folder/teacher/val.json" \
        --config "$2" --seed "$3" --epochs "$epochs" --schedule cosine --clip 35 --out "$out" "${@:4}" > /dev/null 2> "$folder/$1-$3.txt"
}

for seed in 1 2 3 4 5; do
    train none gfl/gfl_r18_small_demo $seed
    train main ld/ld_r18_demo $seed --teacher "$folder/teacher/model.safetensors"
    train all ld_official/ld_r18_demo $seed --teacher "$folder/teacher/model.safetensors"
done

for name in none main all; do
    for figure in 1 2; do
        for seed in 1 2 3 4 5; do
            sed -n 's/.*"bbox":\[\([^]]*\)\].*/\1/p' "$folder/$name-$seed/log.jsonl" | tail -1 | cut -d, -f$figure
        done | awk -v name="$name" -v figure=$figure '{ x[NR] = $1; s += $1; all = all sprintf(" %.3f", $1) }
            END { m = s / NR; for (i in x) v += (x[i] - m) ^ 2
                  printf "%s %s mean %.3f deviation %.3f of%s\n", name, figure == 1 ? "AP" : "AP50", m, sqrt(v / (NR - 1)), all }'
    done
done
