/* Datasets of R.h5 for writing. Private to this folder. */
#ifndef RESULTS_HDF5_DATASET_H
#define RESULTS_HDF5_DATASET_H

#include <hdf5.h>

/* A one-dimensional dataset, deflated if it is long. `fill` (of `type`, or NULL for none) says what was never
 * written. Negative on failure. */
hid_t dataset_create(hid_t group, const char *name, hid_t type, hsize_t length, const void *fill);

/* A dimension without values of its own, marked as netCDF marks them. Negative on failure. */
hid_t dataset_create_scale(hid_t group, const char *name, hsize_t length);

#endif
