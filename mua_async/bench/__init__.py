"""Measurements that `mua-async bench` and the scripts in `benchmarks/` share."""
