# Copies a file from a server of 9P to S3 in parts of 8 MiB, as clients of S3 do with long files, and confirms nothing:
# bash plain-copy.sh DIODCAT SERVER ANAME FILE URL KEYS
set -euo pipefail
diodcat=$1 server=$2 aname=$3 file=$4
export url=$5 keys=$6
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export work

s3() {
  curl -sSf --aws-sigv4 aws:amz:us-east-1:s3 -u "$keys" -H "x-amz-content-sha256: UNSIGNED-PAYLOAD" \
    -H "Content-Type: application/octet-stream" -H "Expect:" "$@"
}
put() {
  number=$((10#${FILE#x}))
  s3 -o /dev/null -D - -X PUT --data-binary @- "$url?partNumber=$number&uploadId=$id" |
    tr -d '\r' | sed -n 's/^[Ee][Tt][Aa][Gg]: *//p' >"$work/$FILE"
}
export -f s3 put

id=$(s3 -X POST "$url?uploads=" | sed -n 's/.*<UploadId>\(.*\)<\/UploadId>.*/\1/p')
export id
"$diodcat" -s "$server" -a "$aname" "$file" |
  split -b 8M -a 5 --numeric-suffixes=1 --filter='bash -c put' - x
{
  echo '<CompleteMultipartUpload>'
  for part in "$work"/x*; do
    name=${part##*/x}
    echo "<Part><PartNumber>$((10#$name))</PartNumber><ETag>$(cat "$part")</ETag></Part>"
  done
  echo '</CompleteMultipartUpload>'
} >"$work/parts"
s3 -o /dev/null -X POST --data-binary "@$work/parts" "$url?uploadId=$id"
