<?php
// Calls a second of PHP's SoapClient: php calls.php WSDL ENDPOINT SHA256 COUNT
[, $wsdl, $endpoint, $sha256, $count] = $argv;
$client = new SoapClient($wsdl, ['location' => $endpoint, 'cache_wsdl' => WSDL_CACHE_NONE]);
for ($n = 0; $n < 50; $n++) $client->GetUploadState(['sha256' => $sha256]);
$began = microtime(true);
for ($n = 0; $n < (int) $count; $n++) $client->GetUploadState(['sha256' => $sha256]);
echo $count / (microtime(true) - $began), "\n";
