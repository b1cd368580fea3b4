select text, restored_at from audit.restored_lines where source = $source and uri = $uri
