"""The way back: results, items, custody, delivery and proof."""
