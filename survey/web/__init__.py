"""The doors: Flask views, forms and HTTP errors. No SQL, no Pillow, no gpxpy."""
