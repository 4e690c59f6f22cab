# needs minio
mkdir "$SITE"
export MINIO_ROOT_USER="$KEY" MINIO_ROOT_PASSWORD="$SECRET" MINIO_UPDATE=off HOME="$DIR"
exec minio server --quiet --address "127.0.0.1:$PORT" "$SITE"
