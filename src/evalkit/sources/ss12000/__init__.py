"""SS 12000:2020 (OpenAPI 2.1.0): folders of JSON pages, one folder per endpoint, and the servers they come from."""
