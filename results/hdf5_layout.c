#include "results/hdf5_layout.h"

#include <stdio.h>

void layout_row_size_name(enum field_dimension dimension, char name[LAYOUT_NAME_SIZE]) {
    snprintf(name, LAYOUT_NAME_SIZE, "%s" LAYOUT_ROW_SIZE, field_dimension_name(dimension));
}

bool layout_uses(const struct schema *schema, enum field_dimension dimension) {
    size_t count = schema_field_count(schema);
    for (size_t i = 0; i < count; i++)
        if (schema_field(schema, i)->dimension == dimension) return true;
    return false;
}

struct layout_silence layout_silence_begin(void) {
    struct layout_silence before = {NULL, NULL};
    H5Eget_auto2(H5E_DEFAULT, &before.handler, &before.data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return before;
}

void layout_silence_end(struct layout_silence before) {
    H5Eset_auto2(H5E_DEFAULT, before.handler, before.data);
}

hid_t layout_text_type(void) {
    hid_t type = H5Tcopy(H5T_C_S1);
    if (type < 0) return type;
    if (H5Tset_size(type, H5T_VARIABLE) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0) return type;
    H5Tclose(type);
    return H5I_INVALID_HID;
}

enum status layout_status(herr_t answer) {
    return answer < 0 ? STATUS_FAILED : STATUS_OK;
}
