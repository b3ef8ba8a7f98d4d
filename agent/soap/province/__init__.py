"""The sandbox province (tỉnh tập huấn): a receiving system of its own for training and tests."""
