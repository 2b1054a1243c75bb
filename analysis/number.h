/* Numbers for people and for other programs, with a point in every locale. */
#ifndef ANALYSIS_NUMBER_H
#define ANALYSIS_NUMBER_H

enum { NUMBER_SIZE = 32, NUMBER_INTERVAL_SIZE = 4 * NUMBER_SIZE };

/* The shortest decimal that reads back as the same number; "nan", "inf", "-inf". */
void number_exact(double value, char text[NUMBER_SIZE]);

/* So many significant digits. */
void number_significant(double value, int digits, char text[NUMBER_SIZE]);

/* Six significant digits; whole numbers in full as long as they are exact. */
void number_rounded(double value, char text[NUMBER_SIZE]);

/* A value to the precision that its interval supports (two digits of the half-width): "0.1412 [0.1388,
 * 0.1439]". A counted value, whose limits are itself, is shown alone; without limits: "0.1412 (no interval)";
 * a value that only bounds, which is one limit and has no other: "below 64", "above 4096"; NaN: "not
 * measured".
 */
void number_with_interval(double value, double low, double high, char text[NUMBER_INTERVAL_SIZE]);

#endif
