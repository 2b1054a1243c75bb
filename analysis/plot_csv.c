#include <math.h>
#include <string.h>

#include "analysis/number.h"
#include "analysis/plot_script.h"

/* A cell as RFC 4180 asks. */
static void print_text(const char *text, FILE *out) {
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++)
        fprintf(out, "%s%c", *text == '"' ? "\"" : "", *text);
    fputc('"', out);
}

/* A missing number is an empty cell. */
static void print_number(double value, FILE *out) {
    char text[NUMBER_SIZE] = "";
    if (!isnan(value)) number_exact(value, text);
    fprintf(out, ",%s", text);
}

static const char *class_name(const struct plot_map *map, double value) {
    return value >= 0 && value < (double)map->class_count ? map->classes[(size_t)value] : "";
}

static void print_map(const struct plot_map *map, FILE *out) {
    for (size_t i = 0; i < map->rows * map->columns; i++) {
        print_text(map->label, out);
        print_number(map->x[i % map->columns], out);
        print_number(map->y[i / map->columns], out);
        fputs(",,", out);
        if (map->class_count == 0) {
            print_number(map->values[i], out);
        } else {
            fputc(',', out);
            print_text(class_name(map, map->values[i]), out);
        }
        fputs("\r\n", out);
    }
}

static void print_series(const struct series *series, bool beside_map, FILE *out) {
    for (size_t i = 0; i < series->count; i++) {
        print_text(series->label, out);
        print_number(series->x[i], out);
        print_number(series->y[i], out);
        print_number(series->low ? series->low[i] : NAN, out);
        print_number(series->high ? series->high[i] : NAN, out);
        fputs(beside_map ? ",\r\n" : "\r\n", out);
    }
}

static void print_rows(const struct plot *plot, FILE *out) {
    fputs("row,series,value,low,high", out);
    for (size_t n = 0; n < PLOT_NOTES; n++) {
        fputc(',', out);
        print_text(plot->note_heads[n], out);
    }
    fputs("\r\n", out);
    for (size_t s = 0; s < plot->series_count; s++) {
        const struct series *series = &plot->series[s];
        for (size_t i = 0; i < series->count; i++) {
            size_t number = series->y[i] >= -0.5 ? (size_t)(series->y[i] + 0.5) : plot->row_count;
            const struct plot_row *row = number < plot->row_count ? &plot->rows[number] : NULL;
            print_text(row ? row->name : "", out);
            fputc(',', out);
            print_text(series->label, out);
            print_number(series->x[i], out);
            print_number(series->low ? series->low[i] : NAN, out);
            print_number(series->high ? series->high[i] : NAN, out);
            for (size_t n = 0; n < PLOT_NOTES; n++) {
                fputc(',', out);
                print_text(row ? row->notes[n] : "", out);
            }
            fputs("\r\n", out);
        }
    }
}

static void print_images(const struct plot *plot, FILE *out) {
    enum { LABELS = sizeof plot->image_row_labels / sizeof *plot->image_row_labels };
    size_t pixels = plot->image_height * plot->image_width, images = plot->image_rows * plot->image_columns;
    fputs("row,column,y,x,value\r\n", out);
    for (size_t i = 0; i < images * pixels; i++) {
        size_t image = i / pixels, row = image / plot->image_columns, place = i % pixels;
        print_text(row < LABELS ? plot->image_row_labels[row] : "", out);
        fprintf(out, ",%zu,%zu,%zu", image % plot->image_columns, place / plot->image_width,
                place % plot->image_width);
        print_number(plot->pixels[i], out);
        fputs("\r\n", out);
    }
}

void plot_csv(const struct plot *plot, FILE *out) {
    if (plot_is_image(plot)) {
        print_images(plot, out);
        return;
    }
    if (plot->row_count > 0) {
        print_rows(plot, out);
        return;
    }
    bool map = plot_has_map(plot);
    fputs(map ? "series,x,y,low,high,value\r\n" : "series,x,y,low,high\r\n", out);
    if (map) print_map(&plot->map, out);
    for (size_t i = 0; i < plot->series_count; i++)
        print_series(&plot->series[i], map, out);
}
