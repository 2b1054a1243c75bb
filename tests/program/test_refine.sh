. "$(dirname "$0")/lib.sh"

# Refined thresholds: the same units for any number of ranks, however often the run broke off, and in shards.
cat >refine.yaml <<END
name: refine
seed: 5
experiments:
  - experiment: hopfield_capacity
    set: {rule: hebb, trials: 8}
    vary: {neurons: [100, 200, 400], load: [0.13, 0.16, 0.19, 0.22]}
    refine: {vary: load, of: successes, at: 0.5, precision: 0.004}
    repeats: 10
  - experiment: hopfield_capacity
    set: {trials: 8}
    vary: {neurons: [200], load: [0.13, 0.16]}
    refine: {vary: load, of: fixed_patterns, at: 0.9, precision: 0.004, budget: 90}
    repeats: 12
END
expect 0 "$engram" check refine.yaml
expect 0 "$engram" plan refine.yaml
says out "hopfield_capacity, load where successes / trials is 0.5, to \+-0.004: 3 thresholds"
says out "120 units in the first round, at most 1200"
expect 0 "$engram" run refine.yaml -o one.h5
says err "threshold of hopfield_capacity with neurons 400: load 0\.1[0-9]+ \+- 0\.00[0-9]+, [0-9]+ units: as precise"
says err "after round 2"
counted one.h5 >one.csv
[ "$(wc -l <one.csv)" -gt 200 ] || fail "no units were added"

for ranks in 2 3; do
  expect 0 on $ranks "$engram" run refine.yaml -o r.h5 --force
  counted r.h5 >r.csv
  same one.csv r.csv
done
expect 0 on 3 "$engram" run refine.yaml -o r.h5 --force --team-size 2
counted r.h5 >r.csv
same one.csv r.csv

# A finished campaign has nothing left to do.
expect 0 "$engram" run refine.yaml -o one.h5 --resume
says err "0 units done, 0 failed"
says err "as precise as asked"

# Broken off again and again. Every run does at least what it had begun, or nothing when it was too late.
for limit in 0.000001 0.02 0.05 0.1; do
  "$engram" run refine.yaml -o broken.h5 --resume --time-limit $limit >out 2>err
  status=$?
  [ $status -eq 3 ] || [ $status -eq 0 ] || fail "status $status with a limit of $limit s"
done
expect 0 on 2 "$engram" run refine.yaml -o broken.h5 --resume
counted broken.h5 >broken.csv
same one.csv broken.csv

# Records that are gone, as after a crash, come back as the same units.
cat >first.yaml <<END
name: refine
seed: 5
experiments:
  - experiment: hopfield_capacity
    set: {rule: hebb, trials: 8}
    vary: {neurons: [100, 200, 400], load: [0.13, 0.16, 0.19, 0.22]}
    repeats: 5
END
expect 0 "$engram" run first.yaml -o part.h5
expect 0 "$engram" run refine.yaml -o part.h5 --resume
counted part.h5 >part.csv
same one.csv part.csv

# Shards need nothing of each other, and have the same units together.
for shard in 0 1 2; do
  expect 0 "$engram" run refine.yaml -o shard$shard.h5 --shard $shard/3
  counted shard$shard.h5 2>/dev/null | tail -n +2
done | sort -u >shards.csv
tail -n +2 one.csv | sort >sorted.csv
same sorted.csv shards.csv
true
