# needs versitygw
# An S3 server. A bucket b is also at b.localhost, on the same port.
mkdir "$SITE" "$DIR/iam"
export ROOT_ACCESS_KEY="$KEY" ROOT_SECRET_KEY="$SECRET"
exec versitygw --port "127.0.0.1:$PORT" --keep-alive --quiet --iam-dir "$DIR/iam" --virtual-domain "localhost:$PORT" posix "$SITE"
