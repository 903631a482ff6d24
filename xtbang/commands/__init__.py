"""The commands of ``xtbang``, a module for each field; `cli` imports the one that is asked for."""
