#!/bin/sh
# Reads a sample file with netCDF's ncdump: header and every value. 77: there is no ncdump.
command -v ncdump >/dev/null || { echo "skipped: no ncdump (Debian: netcdf-bin)"; exit 77; }
header=$(ncdump -h "$1") || exit 1
for line in "group: recall" "group: stopwatch" "group: failed_only" "record = 1000 ;" "record = 1 ;" "(0 currently)" \
    "double overlap(trial) ;" 'overlap:units = "1" ;' "int64 trial_row_size(record) ;" \
    'trial_row_size:sample_dimension = "trial" ;' "string rule(record) ;" ':kind = "timed" ;' ":seed = 7LL ;"; do
    echo "$header" | grep -qF "$line" || { echo "ncdump does not show: $line"; exit 1; }
done
ncdump "$1" >/dev/null
