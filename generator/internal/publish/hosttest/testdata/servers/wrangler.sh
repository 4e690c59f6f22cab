# needs wrangler node
# It serves the folder $ROOT as Cloudflare Pages would, without an account.
export HOME="$DIR" XDG_CONFIG_HOME="$DIR" WRANGLER_SEND_METRICS=false CLOUDFLARE_CF_FETCH_ENABLED=false CI=true NO_COLOR=1
cd "$DIR"
exec wrangler pages dev "$ROOT" --ip 127.0.0.1 --port "$PORT" --inspector-port "$INSPECTOR" \
	--compatibility-date 2026-05-01 --show-interactive-dev-session=false
