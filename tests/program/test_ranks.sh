. "$(dirname "$0")/lib.sh"

# Records of counted units are the same, bit for bit, for any number of ranks and threads.
campaign small.yaml 2
expect 0 "$engram" run small.yaml -o one.h5
counted one.h5 >one.csv || fail "export"
for ranks in 1 2 3 4 5 7; do
  for threads in 1 2; do
    expect 0 env OMP_NUM_THREADS=$threads mpirun --oversubscribe --bind-to none -n $ranks \
      "$engram" run small.yaml -o r.h5 --force
    counted r.h5 >r.csv || fail "export"
    same one.csv r.csv
  done
done
expect 0 on 5 "$engram" run small.yaml -o r.h5 --force --team-size 2
counted r.h5 >r.csv
same one.csv r.csv
