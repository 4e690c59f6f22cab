# needs s3rver node
mkdir "$SITE"
exec s3rver --silent --no-vhost-buckets -a 127.0.0.1 -p "$PORT" -d "$SITE"
