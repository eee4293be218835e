print("minewatch")
