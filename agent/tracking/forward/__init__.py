"""The paper leg: envelopes with seals, bags, manifests, hand-over at the authority, results taken over there."""
