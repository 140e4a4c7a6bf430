"""Taking a model away: each format is made, proved in a process without this program, and put into a bundle."""
