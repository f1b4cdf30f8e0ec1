"""What readers get: figures, tables, sentences, and the pages, PDF and Word file around them."""
