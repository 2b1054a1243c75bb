/* Charts of rows: a name at the left of each line, notes in columns at its right, all values on one axis. */
#include <stdio.h>
#include <string.h>

#include "analysis/plot_script.h"

/* In pixels; texts are estimated by their number of characters. */
enum { CHART = 380, ROW = 25, EDGE = 10, GAP = 18, AXIS = 62, HEAD = 26, NOTE_FONT_SIZE = 13 };

/* Where everything stands, from left to right. */
struct layout {
    int chart_left, chart_right, width, height;
    int bottom; /* of the chart, from below */
    int key_left;
    int notes_left[PLOT_NOTES];
};

static int text_width(const char *text, int font_size) {
    return (int)((double)plot_text_length(text) * font_size * 0.58) + 1;
}

static int widest_name(const struct plot *plot) {
    int widest = 0;
    for (size_t i = 0; i < plot->row_count; i++) {
        int width = text_width(plot->rows[i].name, PLOT_FONT_SIZE);
        widest = width > widest ? width : widest;
    }
    return widest;
}

static int widest_note(const struct plot *plot, size_t note) {
    int widest = text_width(plot->note_heads[note], NOTE_FONT_SIZE);
    for (size_t i = 0; i < plot->row_count; i++) {
        int width = text_width(plot->rows[i].notes[note], NOTE_FONT_SIZE);
        widest = width > widest ? width : widest;
    }
    return widest;
}

static struct layout layout_of(const struct plot *plot) {
    struct layout layout = {.chart_left = EDGE + widest_name(plot) + GAP / 2};
    layout.chart_right = layout.chart_left + CHART;
    layout.width = layout.chart_right;
    for (size_t note = 0; note < PLOT_NOTES; note++) {
        int widest = widest_note(plot, note);
        layout.notes_left[note] = layout.width + GAP;
        if (widest > 1) layout.width += GAP + widest;
    }
    layout.width += EDGE;
    bool beside = layout.width > layout.chart_right + EDGE;
    int key = plot_key_entries(plot) * PLOT_KEY_ROW + EDGE;
    layout.key_left = beside ? layout.notes_left[0] : layout.chart_left;
    layout.bottom = !beside ? AXIS + key : key > AXIS ? key : AXIS;
    /* gnuplot gives a key as many lines as the axes are high, and puts the rest beside it. */
    int rows = ROW * (int)plot->row_count;
    layout.height = HEAD + (rows > key ? rows : key) + layout.bottom;
    return layout;
}

/* A place as a ratio of whole numbers: no decimal point that a locale could change. */
static void print_margin(const char *name, int place, int all, FILE *out) {
    fprintf(out, "set %smargin at screen %d./%d\n", name, place, all);
}

static void print_names(const struct plot *plot, FILE *out) {
    fputs("set ytics scale 0 (", out);
    for (size_t i = 0; i < plot->row_count; i++) {
        if (i > 0) fputs(", ", out);
        plot_quote(plot->rows[i].name, out);
        fprintf(out, " %zu", i);
    }
    fputs(")\n", out);
}

/* A text at the left of a column of notes; the place says how high, as gnuplot takes it. */
static void print_note(const char *text, int left, int width, const char *place, FILE *out) {
    if (!*text) return;
    fputs("set label ", out);
    plot_quote(text, out);
    fprintf(out, " at screen %d./%d, %s left font ',%d'\n", left, width, place, NOTE_FONT_SIZE);
}

static void print_notes(const struct plot *plot, const struct layout *layout, FILE *out) {
    char place[48];
    for (size_t note = 0; note < PLOT_NOTES; note++) {
        int left = layout->notes_left[note];
        snprintf(place, sizeof place, "screen %d./%d", layout->height - HEAD / 2, layout->height);
        print_note(plot->note_heads[note], left, layout->width, place, out);
        for (size_t i = 0; i < plot->row_count; i++) {
            snprintf(place, sizeof place, "first %zu", i);
            print_note(plot->rows[i].notes[note], left, layout->width, place, out);
        }
    }
}

/* One entry below the other: under the notes, where there is room beside the axis, else under the axis. */
static void print_key(const struct layout *layout, FILE *out) {
    fprintf(
        out,
        "set key at screen %d./%d, screen %d./%d left bottom vertical Left reverse samplen 2 spacing 1.15\n",
        layout->key_left, layout->width, EDGE / 2, layout->height);
}

void plot_script_rows(const struct plot *plot, FILE *out) {
    struct layout layout = layout_of(plot);
    struct plot_axis x_axis = plot_axis_of(plot, 'x');
    struct plot_axis y_axis = {.name = 'y', .low = (double)plot->row_count - 0.5, .high = -0.5};
    plot_script_canvas(plot, layout.width, layout.height, out);
    print_margin("l", layout.chart_left, layout.width, out);
    print_margin("r", layout.chart_right, layout.width, out);
    print_margin("t", layout.height - HEAD, layout.height, out);
    print_margin("b", layout.bottom, layout.height, out);
    fputs("set border 1 linewidth 1 linecolor rgb 'black'\nset tics nomirror out scale 0.6,0.35\n"
          "set grid linewidth 0.7 linetype 1 linecolor rgb '#DCDCDC'\nset format '%g'\n"
          "set xtics offset 0,0.35\nset pointintervalbox 0.1\nset xlabel ",
          out);
    plot_quote(plot->x_label, out);
    fputs(" offset 0,0.5\n", out);
    print_key(&layout, out);
    plot_axis_print(&x_axis, out);
    fprintf(out, "set yrange [%zu-0.5:-0.5]\n", plot->row_count);
    print_names(plot, out);
    print_notes(plot, &layout, out);
    plot_script_series(plot, &x_axis, &y_axis, "", out);
}
