"""Drawings of protected values: each for the width it is shown at, in the theme's colours."""
