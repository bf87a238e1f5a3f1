"""Where log bytes come from: files, folders, archives, standard input; read as blocks of whole lines."""
