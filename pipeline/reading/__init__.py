"""Reads what the files of albums say: in a thread, and for a library in processes beside this one."""
