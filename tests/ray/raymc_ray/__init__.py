"""Records sessions of an unmodified Ray on this machine, and keeps their logs."""
