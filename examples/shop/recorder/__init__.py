"""What records the shop: its processes, the network between them, the load and the receiver."""
