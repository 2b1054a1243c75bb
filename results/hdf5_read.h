/* Reading R.h5. Private to this folder. */
#ifndef RESULTS_HDF5_READ_H
#define RESULTS_HDF5_READ_H

#include "results/store.h"

/* Adds a file's records to new results and sets their provenance. STATUS_NOT_FOUND, STATUS_FORMAT, STATUS_IO,
 * STATUS_NO_MEMORY. */
enum status hdf5_read(const char *path, struct results *results, struct error *error);

#endif
