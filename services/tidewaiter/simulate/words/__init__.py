"""Word lists and tables of the simulator: names, places and goods, one text file each."""
