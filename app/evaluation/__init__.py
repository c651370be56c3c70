"""`jianzai evaluate`: how often the product errs, on somebody's own consented data.

The numbers (`intervals`, `metrics`, `likelihood`, `resampling`) are pure and know no faces; the
rest measures files, keeps what was measured, and writes the report.
"""
