"""Bots that answer one command, each in an environment and a process of its own.

Those that are counted in commands a second say `ready`, and then for every line `COUNT` on their
standard input answer that many commands, up to 100 of them waiting at a time, and print the seconds
that this took and the processor seconds of it. They import nothing of QuitX: others' environments
do not have it.
"""
