"""The quality report: one offline HTML file, its queries and charts."""
