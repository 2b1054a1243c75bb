#include "results/hdf5_read.h"

#include <hdf5.h>

#include "core/base/memory.h"
#include "results/hdf5_layout.h"
#include "results/image.h"
#include "results/shelf.h"

/* What the walk over the groups carries along. */
struct walk {
    struct results *results;
    enum status status;
};

static herr_t read_group(hid_t file, const char *name, const H5L_info_t *info, void *context) {
    (void)info;
    struct walk *walk = context;
    hid_t group = H5Gopen2(file, name, H5P_DEFAULT);
    walk->status = group < 0 ? STATUS_FORMAT : table_read(group, walk->results);
    if (group >= 0) H5Gclose(group);
    return walk->status == STATUS_OK ? 0 : 1;
}

static enum status read_file(hid_t file, struct results *results) {
    json_t *provenance;
    CHECK(attributes_read_object(file, &provenance));
    json_object_del(provenance, "Conventions");
    results_set_provenance(results, provenance);
    json_decref(provenance);
    struct walk walk = {results, STATUS_OK};
    if (H5Literate(file, H5_INDEX_NAME, H5_ITER_INC, NULL, read_group, &walk) < 0) return STATUS_FORMAT;
    return walk.status;
}

/* Opens a file's bytes, which HDF5 copies. (Its high-level function that need not copy leaks.) Negative on
 * failure. */
static hid_t open_image(char *image, size_t size) {
    enum { STEP = 1 << 16 }; /* bytes by which the file would grow */
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), file = H5I_INVALID_HID;
    if (access < 0) return file;
    if (H5Pset_fapl_core(access, STEP, false) >= 0 && H5Pset_file_image(access, image, size) >= 0)
        file = H5Fopen("results in memory", H5F_ACC_RDONLY, access);
    H5Pclose(access);
    return file;
}

/* Gives the image back as soon as HDF5 has its own. */
static enum status read_image(char *image, size_t size, struct results *results) {
    hid_t file = open_image(image, size);
    memory_free(image);
    if (file < 0) return STATUS_FORMAT;
    enum status status = read_file(file, results);
    H5Fclose(file);
    return status;
}

enum status hdf5_read(const char *path, struct results *results, struct error *error) {
    char *image;
    size_t size;
    CHECK(image_read(path, &image, &size, error));
    struct layout_silence before = layout_silence_begin();
    enum status status = read_image(image, size, results);
    layout_silence_end(before);
    if (status == STATUS_FORMAT)
        return error_set(error, status, "%s does not hold what this version of engram writes", path);
    return status == STATUS_OK ? status : error_set(error, status, "%s: %s", path, status_text(status));
}
