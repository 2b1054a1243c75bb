. "$(dirname "$0")/lib.sh"

# Records of counted units are the same, bit for bit, for any number of ranks and threads.
campaign small.yaml 2
tables=hopfield_capacity
if [ -e /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz ]; then
  tables="$tables hopfield_images"
  cat >>small.yaml <<END
  - experiment: hopfield_images
    set: {patterns: 12}
    vary: {rule: [hebb, pseudo_inverse], corruption: [noise, occlusion]}
END
fi

# exports FILE.h5 OUT: all counted tables in one file.
exports() {
  for table in $tables; do "$engram" export "$1" --table "$table" --format csv || fail "export of $table"; done >"$2"
}

expect 0 "$engram" run small.yaml -o one.h5
exports one.h5 one.csv
for ranks in 1 2 3 4 5 7; do
  for threads in 1 2; do
    expect 0 env OMP_NUM_THREADS=$threads mpirun --oversubscribe --bind-to none -n $ranks \
      "$engram" run small.yaml -o r.h5 --force
    exports r.h5 r.csv
    same one.csv r.csv
  done
done
expect 0 on 5 "$engram" run small.yaml -o r.h5 --force --team-size 2
exports r.h5 r.csv
same one.csv r.csv

# Ranks that see different data sets, and so expect other durations, still run every unit once.
# data_set FOLDER PIXELS: images of 1 row, in the format of MNIST.
data_set() {
  mkdir "$1"
  printf "\\000\\000\\010\\003\\000\\000\\001\\000\\000\\000\\000\\001\\000\\000\\000\\$(printf %03o "$2")" >"$1/images"
  head -c $((256 * $2)) /dev/urandom >>"$1/images"
}
data_set narrow 20
data_set wide 120
cat >sights.yaml <<END
name: sights
seed: 1
experiments:
  - experiment: hopfield_images
    set: {dataset: ./images}
    vary: {patterns: [1, 2, 3], rule: [hebb, pseudo_inverse]}
  - experiment: hopfield_capacity
    set: {load: 0.1}
    vary: {neurons: [40, 60, 80, 100, 120, 140]}
END
expect 0 mpirun --oversubscribe --bind-to none -n 1 -wdir "$work/narrow" "$engram" run ../sights.yaml -o ../sights.h5 : \
  -n 1 -wdir "$work/wide" "$engram" run ../sights.yaml -o ../sights.h5
says err "12 units done, 0 failed"
expect 0 "$engram" run sights.yaml -o sights.h5 --resume
says err "12 were there"
