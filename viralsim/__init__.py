"""viralsim rehearses word of mouth: how content spreads on social networks, with honest uncertainty."""
