. "$(dirname "$0")/lib.sh"

# A campaign becomes a file that can be exported and reported.
campaign small.yaml 2
expect 0 "$engram" check small.yaml
says out "32 units, no mistakes"
expect 0 "$engram" plan small.yaml
says out "hopfield_capacity"
expect 0 on 2 "$engram" run small.yaml -o r.h5
says err "32 units done, 0 failed"
[ ! -e r.h5.journal ] || fail "the journal outlived the file"
counted r.h5 >first.csv || fail "export"
[ "$(wc -l <first.csv)" -eq 33 ] || fail "a header and 32 records"
expect 0 "$engram" export r.h5 --table hopfield_capacity --format json
says out '"neurons": ?300'
expect 2 "$engram" export r.h5 --table attention
says err "it has hopfield_capacity"
expect 0 "$engram" report r.h5 -o report
says out "HC1a"
[ -s report/report.html ] || fail "no page"
says report/ledger.json '"schema": 2'

# Ledgers and comparisons come in three formats.
for format in text markdown json; do
  expect 0 "$engram" report r.h5 --format $format
  says out HC1a
  expect 0 "$engram" compare r.h5 r.h5 --format $format
  says out HC1a
  says out "r.h5"
done

# An existing file is not touched unasked.
cp r.h5 before.h5
expect 2 "$engram" run small.yaml -o r.h5
says err "--resume"
same r.h5 before.h5

# Resuming a finished run does nothing; a campaign that has grown runs the rest.
expect 0 "$engram" run small.yaml -o r.h5 --resume
says err "0 units done, 0 failed, 32 were there"
counted r.h5 >again.csv
same first.csv again.csv
campaign small.yaml 3
expect 0 "$engram" run small.yaml -o r.h5 --resume
says err "16 units done, 0 failed, 32 were there"

# Another seed is another experiment.
sed 's/seed: 3/seed: 4/' small.yaml >other.yaml
expect 2 "$engram" run other.yaml -o r.h5 --resume
says err "seed 3"
expect 0 "$engram" run other.yaml -o r.h5 --force
says err "48 units done"

# Shards put together are the whole.
campaign small.yaml 2
for shard in 0 1 2; do expect 0 "$engram" run small.yaml -o shard$shard.h5 --shard $shard/3; done
expect 0 "$engram" report shard0.h5 shard1.h5 shard2.h5 --format json
says out '"HC1a"'
sum=0
for shard in 0 1 2; do sum=$((sum + $(counted shard$shard.h5 | wc -l) - 1)); done
[ "$sum" -eq 32 ] || fail "the shards hold $sum units, not 32"
for shard in 0 1 2; do counted shard$shard.h5 | tail -n +2; done | sort >shards.csv
tail -n +2 first.csv | sort >whole.csv
same shards.csv whole.csv

# Units that ask for more ranks stay pending, and run when there are enough.
cat >ranks.yaml <<END
name: ranks
seed: 1
experiments:
  - experiment: attention
    set: {batch: 1, length: 32, head_width: 8, heads: 2, threads: 1}
    vary: {ranks: [1, 2]}
END
expect 3 "$engram" run ranks.yaml -o ranks.h5
says err "1 units done, 0 failed, 0 were there, 1 pending"
expect 0 on 2 "$engram" run ranks.yaml -o ranks.h5 --resume
says err "1 units done, 0 failed, 1 were there, 0 pending"

# A unit that fails is recorded with its reason, the others go on, and it is tried again.
cat >fails.yaml <<END
name: fails
seed: 1
experiments:
  - experiment: hopfield_images
    set: {dataset: $work/nowhere.gz, patterns: 5}
  - experiment: hopfield_capacity
    set: {neurons: 50, load: 0.1}
END
expect 1 on 2 "$engram" run fails.yaml -o fails.h5
says err "1 units done, 1 failed"
expect 0 "$engram" export fails.h5 --table hopfield_images --format csv
says out "failed.*nowhere.gz"
expect 0 "$engram" report fails.h5
says out "nowhere.gz"
expect 1 "$engram" run fails.yaml -o fails.h5 --resume
says err "0 units done, 1 failed, 1 were there"
expect 2 "$engram" run fails.yaml -o only.h5 --only hopfield
says err "hopfield_(capacity|images)"
expect 0 "$engram" run fails.yaml -o only.h5 --only hopfield_capacity
says err "1 units done"

# What the memory cannot hold is refused with the figures before anything runs.
cat >huge.yaml <<END
name: huge
seed: 1
experiments:
  - experiment: attention
    set: {batch: 1024, length: 1048576, head_width: 128, heads: 32}
END
expect 2 "$engram" run huge.yaml -o huge.h5
says err "needs [0-9.]+ GiB"
[ ! -e huge.h5 ] || fail "a file for a refused campaign"
