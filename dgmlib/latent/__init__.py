"""Models with latent variables, and ways to estimate the likelihood that they hide."""
