# needs azurite-blob node
export AZURITE_ACCOUNTS="$ACCOUNT"
exec azurite-blob --blobPort "$PORT" --location "$DIR" --silent --disableTelemetry
