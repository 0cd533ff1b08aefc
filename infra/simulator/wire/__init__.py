"""How platforms write down what happens in the world: each in its own words, late, twice and partly wrong."""
