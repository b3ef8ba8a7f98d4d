<?php
// A client of the contract in PHP's SoapClient: reads one command a line, calls, answers one line of JSON.
declare(strict_types=1);

const FLAGS = JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_LINE_TERMINATORS | JSON_THROW_ON_ERROR;
const BYTES = ['bytes', 'document', 'signature'];

function canonical(mixed $value): string
{
    if (is_array($value)) {
        return '[' . implode(',', array_map('canonical', $value)) . ']';
    }
    if (!is_object($value)) {
        return json_encode($value, FLAGS);
    }
    $members = get_object_vars($value);
    ksort($members, SORT_STRING);
    $parts = [];
    foreach ($members as $name => $member) {
        $parts[] = json_encode((string) $name, FLAGS) . ':' . canonical($member);
    }
    return '{' . implode(',', $parts) . '}';
}

function told(mixed $value, string $name = ''): mixed
{
    if (is_object($value) || is_array($value)) {
        $made = [];
        foreach ((array) $value as $key => $member) {
            $made[$key] = told($member, (string) $key);
        }
        return is_object($value) ? (object) $made : $made;
    }
    return in_array($name, BYTES, true) && is_string($value) ? base64_encode($value) : $value;
}

function say(array $answer): void
{
    fwrite(STDOUT, json_encode($answer, FLAGS) . "\n");
}

$client = new SoapClient($argv[1], ['exceptions' => true, 'cache_wsdl' => WSDL_CACHE_NONE, 'keep_alive' => true]);
$operations = array_map(fn (string $text): string => explode('(', explode(' ', $text)[1])[0], $client->__getFunctions());
say(['operations' => array_values(array_unique($operations)), 'stack' => 'PHP SoapClient ' . PHP_VERSION]);

function call(SoapClient $client, string $operation, array|object $values): array
{
    try {
        return ['answer' => told($client->__soapCall($operation, [$values]))];
    } catch (SoapFault $fault) {
        if (!isset($fault->detail->Fault)) {
            return ['broken' => substr($fault->getMessage(), 0, 300)];
        }
        return ['fault' => told($fault->detail->Fault), 'faultcode' => $fault->faultcode];
    }
}

function upload(SoapClient $client, string $data, int $chunk): array
{
    $sha256 = hash('sha256', $data);
    $said = call($client, 'GetUploadState', ['sha256' => $sha256]);
    $chunks = 0;
    while (isset($said['answer']) && !$said['answer']->complete) {
        $offset = $said['answer']->received;
        $part = substr($data, $offset, $chunk);
        $said = call($client, 'PutDocumentChunk', ['sha256' => $sha256, 'offset' => $offset, 'total' => strlen($data),
            'chunkSha256' => hash('sha256', $part), 'bytes' => $part]);
        $chunks += 1;
    }
    if (isset($said['answer'])) {
        $said['answer']->chunks = $chunks;
    }
    return $said;
}

while (($line = fgets(STDIN)) !== false) {
    $command = json_decode($line, false, 512, JSON_THROW_ON_ERROR);
    if (isset($command->canonical)) {
        $command->values->payloadDigest = hash('sha256', canonical($command->canonical));
    }
    if ($command->operation === 'upload') {
        say(upload($client, base64_decode($command->file), $command->chunk));
    } elseif (isset($command->repeat)) {
        $started = hrtime(true);
        for ($n = 0; $n < $command->repeat; $n += 1) {
            call($client, $command->operation, $command->values);
        }
        say(['answer' => ['seconds' => (hrtime(true) - $started) / 1e9]]);
    } else {
        say(call($client, $command->operation, $command->values));
    }
}
