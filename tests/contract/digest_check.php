<?php
// A third reading of docs/contract.md: RFC 8785 for the values that the contract uses, and the bucket rule.

function canonical($value): string
{
    if (is_object($value)) {
        $members = get_object_vars($value);
        ksort($members, SORT_STRING); // the contract's names are ASCII: bytes sort as UTF-16 code units do
        $parts = [];
        foreach ($members as $name => $inner) {
            $parts[] = text((string) $name) . ':' . canonical($inner);
        }
        return '{' . implode(',', $parts) . '}';
    }
    if (is_array($value)) {
        return '[' . implode(',', array_map('canonical', $value)) . ']';
    }
    return is_string($value) ? text($value) : json_encode($value);
}

function text(string $value): string
{
    return json_encode($value, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_LINE_TERMINATORS);
}

function digest($value): string
{
    return hash('sha256', canonical($value));
}

// Adds 256-bit numbers byte by byte, so that no extension for big numbers is needed.
function sum(object $bucket): string
{
    $total = array_fill(0, 32, 0);
    foreach ($bucket->rows as $row) {
        $carry = 0;
        $bytes = array_values(unpack('C*', hex2bin(digest($row))));
        for ($place = 31; $place >= 0; $place--) {
            $carry += $total[$place] + $bytes[$place];
            $total[$place] = $carry & 255;
            $carry >>= 8;
        }
    }
    return bin2hex(pack('C*', ...$total));
}

$given = json_decode(file_get_contents($argv[1]));
echo json_encode([
    'payloads' => array_map(fn ($payload) => digest($payload->value), $given->payloads),
    'bucket' => sum($given->bucket),
    'buckets' => array_map('sum', $given->buckets),
]);
