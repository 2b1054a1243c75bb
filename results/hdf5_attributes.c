#include "results/hdf5_layout.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/memory.h"

/* Attributes beyond 64 KiB do not fit where HDF5 keeps them; variable-length text lies elsewhere. */
enum { FIXED_TEXT_MAX = 32 * 1024 };

/* --- writing --------------------------------------------------------------------------------------- */

/* Closes `space`. */
static enum status write_in(hid_t object, const char *name, hid_t type, hid_t space, hid_t memory_type,
                            const void *values) {
    hid_t attribute = space < 0 ? space : H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    enum status status = layout_status(attribute < 0 ? -1 : H5Awrite(attribute, memory_type, values));
    if (attribute >= 0) H5Aclose(attribute);
    if (space >= 0) H5Sclose(space);
    return status;
}

static enum status write_scalar(hid_t object, const char *name, hid_t type, hid_t memory_type,
                                const void *value) {
    return write_in(object, name, type, H5Screate(H5S_SCALAR), memory_type, value);
}

/* What netCDF takes for its classic text: fixed in length. */
static hid_t fixed_text_type(size_t length) {
    hid_t type = H5Tcopy(H5T_C_S1);
    if (type >= 0 && (H5Tset_size(type, length) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0 ||
                      H5Tset_strpad(type, H5T_STR_NULLPAD) < 0)) {
        H5Tclose(type);
        return H5I_INVALID_HID;
    }
    return type;
}

enum status attribute_write_text(hid_t object, const char *name, const char *text) {
    size_t length = strlen(text);
    bool fixed = length > 0 && length <= FIXED_TEXT_MAX;
    hid_t type = fixed ? fixed_text_type(length) : layout_text_type();
    if (type < 0) return STATUS_FAILED;
    enum status status =
        write_scalar(object, name, type, type, fixed ? (const void *)text : (const void *)&text);
    H5Tclose(type);
    return status;
}

enum status attribute_write_integer(hid_t object, const char *name, int64_t value) {
    return write_scalar(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

enum status attribute_write_real(hid_t object, const char *name, double value) {
    return write_scalar(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}

static bool is_text_list(json_t *value) {
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!json_is_string(json_array_get(value, i))) return false;
    return json_is_array(value);
}

static enum status write_text_list(hid_t object, const char *name, json_t *list) {
    hsize_t count = json_array_size(list);
    const char **texts = memory_allocate(count, sizeof *texts);
    if (!texts) return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        texts[i] = json_string_value(json_array_get(list, i));
    hid_t type = layout_text_type();
    enum status status = type < 0
                             ? STATUS_FAILED
                             : write_in(object, name, type, H5Screate_simple(1, &count, NULL), type, texts);
    if (type >= 0) H5Tclose(type);
    memory_free(texts);
    return status;
}

static enum status write_as_json(hid_t object, const char *name, json_t *value) {
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    enum status status = text ? attribute_write_text(object, name, text) : STATUS_NO_MEMORY;
    free(text);
    return status;
}

static enum status write_value(hid_t object, const char *name, json_t *value) {
    int8_t truth = json_is_true(value);
    switch (json_typeof(value)) {
    case JSON_STRING:
        return attribute_write_text(object, name, json_string_value(value));
    case JSON_INTEGER:
        return attribute_write_integer(object, name, json_integer_value(value));
    case JSON_REAL:
        return attribute_write_real(object, name, json_real_value(value));
    case JSON_TRUE:
    case JSON_FALSE:
        return write_scalar(object, name, H5T_STD_I8LE, H5T_NATIVE_INT8, &truth);
    default:
        return is_text_list(value) ? write_text_list(object, name, value)
                                   : write_as_json(object, name, value);
    }
}

enum status attributes_write_object(hid_t file, json_t *values) {
    const char *name;
    json_t *value;
    json_object_foreach(values, name, value) {
        CHECK(write_value(file, name, value));
    }
    return STATUS_OK;
}

/* --- reading --------------------------------------------------------------------------------------- */

static json_t *list_of(const char *texts, hsize_t count, size_t size, bool variable) {
    json_t *list = json_array();
    for (size_t i = 0; list && i < count; i++) {
        const char *text = variable ? ((char *const *)texts)[i] : texts + i * size;
        size_t length = !text ? 0 : variable ? strlen(text) : strnlen(text, size);
        if (json_array_append_new(list, json_stringn(text ? text : "", length)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* Texts over `space`, fixed in length or not, as a JSON array. */
static enum status read_texts(hid_t attribute, hid_t type, hid_t space, json_t **list) {
    hssize_t count = H5Sget_simple_extent_npoints(space);
    bool variable = H5Tis_variable_str(type) > 0;
    size_t size = variable ? sizeof(char *) : H5Tget_size(type);
    if (count < 0) return STATUS_FORMAT;
    char *texts = memory_allocate((size_t)count, size);
    if (!texts) return STATUS_NO_MEMORY;
    bool read = H5Aread(attribute, type, texts) >= 0;
    *list = read ? list_of(texts, (hsize_t)count, size, variable) : NULL;
    if (read && variable) H5Dvlen_reclaim(type, space, H5P_DEFAULT, texts);
    memory_free(texts);
    return *list ? STATUS_OK : read ? STATUS_NO_MEMORY : STATUS_FORMAT;
}

static enum status read_text_or_list(hid_t attribute, hid_t type, hid_t space, json_t **value) {
    CHECK(read_texts(attribute, type, space, value));
    if (H5Sget_simple_extent_type(space) != H5S_SCALAR) return STATUS_OK;
    json_t *list = *value;
    *value = json_incref(json_array_get(list, 0));
    json_decref(list);
    return STATUS_OK;
}

static enum status read_number(hid_t attribute, hid_t type, hid_t space, json_t **value) {
    int64_t integer;
    double real;
    bool is_real = H5Tget_class(type) == H5T_FLOAT;
    if (H5Sget_simple_extent_npoints(space) != 1 || (!is_real && H5Tget_class(type) != H5T_INTEGER) ||
        H5Aread(attribute, is_real ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64,
                is_real ? (void *)&real : (void *)&integer) < 0)
        return STATUS_FORMAT;
    *value = is_real                  ? json_real(real)
             : H5Tget_size(type) == 1 ? json_boolean(integer != 0)
                                      : json_integer(integer);
    return *value ? STATUS_OK : STATUS_NO_MEMORY;
}

static enum status read_value(hid_t object, const char *name, json_t **value) {
    *value = NULL;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0) return STATUS_FORMAT;
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    enum status status = type < 0 || space < 0              ? STATUS_FAILED
                         : H5Tget_class(type) == H5T_STRING ? read_text_or_list(attribute, type, space, value)
                                                            : read_number(attribute, type, space, value);
    if (space >= 0) H5Sclose(space);
    if (type >= 0) H5Tclose(type);
    H5Aclose(attribute);
    return status;
}

enum status attribute_read_text(hid_t object, const char *name, json_t **text) {
    CHECK(read_value(object, name, text));
    if (json_is_string(*text)) return STATUS_OK;
    json_decref(*text);
    *text = NULL;
    return STATUS_FORMAT;
}

/* What the walk over the attributes carries along. */
struct walk {
    json_t *object;
    enum status status;
};

static herr_t read_into(hid_t file, const char *name, const H5A_info_t *info, void *context) {
    (void)info;
    struct walk *walk = context;
    json_t *value;
    walk->status = read_value(file, name, &value);
    if (walk->status == STATUS_OK && json_object_set_new(walk->object, name, value) != 0)
        walk->status = STATUS_NO_MEMORY;
    return walk->status == STATUS_OK ? 0 : 1;
}

enum status attributes_read_object(hid_t file, json_t **values) {
    struct walk walk = {json_object(), STATUS_OK};
    *values = NULL;
    if (!walk.object) return STATUS_NO_MEMORY;
    if (H5Aiterate2(file, H5_INDEX_CRT_ORDER, H5_ITER_INC, NULL, read_into, &walk) < 0)
        walk.status = STATUS_FORMAT;
    if (walk.status == STATUS_OK)
        *values = walk.object;
    else
        json_decref(walk.object);
    return walk.status;
}
