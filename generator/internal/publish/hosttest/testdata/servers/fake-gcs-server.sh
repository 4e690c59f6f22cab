# needs fake-gcs-server
exec fake-gcs-server -scheme http -host 127.0.0.1 -port "$PORT" -backend memory -public-host "127.0.0.1:$PORT" -log-level error
