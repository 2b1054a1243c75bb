#include <hdf5.h>
#include <stdio.h>

#include "core/base/memory.h"
#include "results/durable.h"
#include "results/hdf5_layout.h"
#include "results/image.h"

enum { IMAGE_STEP = 1 << 20 }; /* bytes by which the file in memory grows */

void results_hdf5_version(char *text, size_t size) {
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    snprintf(text, size, "%u.%u.%u", major, minor, release);
}

/* A new file in memory that never sees a disk. Objects keep no times: the same results are the same bytes.
 * Negative on failure. */
static hid_t create_in_memory(void) {
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), creation = H5Pcreate(H5P_FILE_CREATE), file = H5I_INVALID_HID;
    if (access >= 0 && creation >= 0 && H5Pset_fapl_core(access, IMAGE_STEP, false) >= 0 &&
        H5Pset_link_creation_order(creation, order) >= 0 &&
        H5Pset_attr_creation_order(creation, order) >= 0 && H5Pset_obj_track_times(creation, false) >= 0)
        file = H5Fcreate("results in memory", H5F_ACC_TRUNC, creation, access);
    if (creation >= 0) H5Pclose(creation);
    if (access >= 0) H5Pclose(access);
    return file;
}

static enum status fill_file(hid_t file, const struct results *results, struct error *error) {
    enum status status = attribute_write_text(file, "Conventions", "CF-1.8");
    if (status == STATUS_OK) status = attributes_write_object(file, results->provenance);
    if (status != STATUS_OK) return error_set(error, status, "the provenance: %s", status_text(status));
    for (size_t i = 0; i < results->table_count; i++) {
        status = table_write(file, &results->tables[i]);
        if (status != STATUS_OK)
            return error_set(error, status, "the table of %s: %s", results->tables[i].schema->name,
                             status_text(status));
    }
    return STATUS_OK;
}

/* The bytes of the file with their trailer. */
static enum status seal_file(hid_t file, char **bytes, size_t *size, struct error *error) {
    ssize_t length = H5Fflush(file, H5F_SCOPE_GLOBAL) < 0 ? -1 : H5Fget_file_image(file, NULL, 0);
    if (length < 0) return error_set(error, STATUS_FAILED, "HDF5 cannot finish the file in memory");
    *size = (size_t)length + IMAGE_TRAILER_SIZE;
    *bytes = memory_allocate(*size, 1);
    if (!*bytes) return error_set(error, STATUS_NO_MEMORY, "no memory for the %zu bytes of the file", *size);
    if (H5Fget_file_image(file, *bytes, (size_t)length) != length)
        return error_set(error, STATUS_FAILED, "HDF5 cannot give the file in memory");
    image_seal(*bytes, (size_t)length);
    return STATUS_OK;
}

static enum status build_image(const struct results *results, char **bytes, size_t *size,
                               struct error *error) {
    hid_t file = create_in_memory();
    if (file < 0) return error_set(error, STATUS_FAILED, "HDF5 cannot create a file in memory");
    enum status status = fill_file(file, results, error);
    if (status == STATUS_OK) status = seal_file(file, bytes, size, error);
    H5Fclose(file);
    return status;
}

enum status results_write(const struct results *results, const char *path, struct error *error) {
    char *bytes = NULL;
    size_t size = 0;
    struct layout_silence before = layout_silence_begin();
    enum status status = build_image(results, &bytes, &size, error);
    layout_silence_end(before);
    if (status == STATUS_OK) status = durable_replace(path, bytes, size, error);
    memory_free(bytes);
    return status;
}
