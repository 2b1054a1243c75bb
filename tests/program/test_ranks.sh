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
