"""What `make bench` measures: the product beside a raw floor and a peer, in one run. Nothing here fails on time."""
