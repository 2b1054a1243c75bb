#include "results/hdf5_dataset.h"

#include <hdf5_hl.h>
#include <stdio.h>

enum {
    CHUNK_LENGTH = 128 * 1024, /* values; compressed one by one */
    COMPRESS_FROM = 4096,      /* values: below, the index of a compressed dataset costs more than it saves */
    COMPRESSION_LEVEL = 4
};

static herr_t set_compression(hid_t properties, hsize_t length) {
    hsize_t chunk = length < CHUNK_LENGTH ? length : CHUNK_LENGTH;
    if (length < COMPRESS_FROM) return 0;
    if (H5Pset_chunk(properties, 1, &chunk) < 0 || H5Pset_shuffle(properties) < 0) return -1;
    return H5Pset_deflate(properties, COMPRESSION_LEVEL);
}

/* Creation order is what netCDF lists things by; without times the same results give the same bytes. */
static hid_t create_properties(hsize_t length, hid_t fill_type, const void *fill) {
    hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    if (properties < 0) return properties;
    herr_t done = H5Pset_attr_creation_order(properties, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    if (done >= 0) done = H5Pset_obj_track_times(properties, false);
    if (done >= 0 && fill) done = H5Pset_fill_value(properties, fill_type, fill);
    if (done >= 0 && fill) done = set_compression(properties, length);
    if (done >= 0) return properties;
    H5Pclose(properties);
    return H5I_INVALID_HID;
}

hid_t dataset_create(hid_t group, const char *name, hid_t type, hsize_t length, const void *fill) {
    hid_t properties = create_properties(length, type, fill);
    hid_t space = H5Screate_simple(1, &length, NULL);
    hid_t dataset = properties < 0 || space < 0
                        ? H5I_INVALID_HID
                        : H5Dcreate2(group, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    if (space >= 0) H5Sclose(space);
    if (properties >= 0) H5Pclose(properties);
    return dataset;
}

hid_t dataset_create_scale(hid_t group, const char *name, hsize_t length) {
    char mark[80];
    snprintf(mark, sizeof mark, "This is a netCDF dimension but not a netCDF variable.%10llu",
             (unsigned long long)length);
    hid_t scale = dataset_create(group, name, H5T_IEEE_F32BE, length, NULL);
    if (scale < 0 || H5DSset_scale(scale, mark) >= 0) return scale;
    H5Dclose(scale);
    return H5I_INVALID_HID;
}
