<?php
// A small province in PHP's SoapServer, made from our WSDL: enough of it to hand a dossier off. Holds all in one file.
declare(strict_types=1);

$folder = (string) get_cfg_var('tthc.folder');
if (isset($_GET['wsdl'])) {
    header('Content-Type: text/xml; charset=utf-8');
    readfile("$folder/tthc.wsdl");
    return;
}

function refuse(string $code, string $field, string $message): never
{
    $detail = (object) ['errorCode' => $code, 'retryable' => false, 'field' => $field, 'message' => $message];
    throw new SoapFault('Client', $message, null, $detail);
}

final class Province
{
    private array $held;

    public function __construct(private string $file)
    {
        $empty = ['numbers' => [], 'receipts' => [], 'files' => [], 'changes' => []];
        $this->held = is_file($file) ? unserialize(file_get_contents($file)) : $empty;
    }

    private function keep(): void
    {
        file_put_contents($this->file, serialize($this->held));
    }

    private function allocated(string $key): string
    {
        $this->held['numbers'][$key] ??= sprintf('H26.019.02-261121-01%04d', count($this->held['numbers']) + 1);
        $this->keep();
        return $this->held['numbers'][$key];
    }

    private function stated(string $sha256): array
    {
        $data = $this->held['files'][$sha256] ?? '';
        return ['sha256' => $sha256, 'received' => strlen($data), 'complete' => hash('sha256', $data) === $sha256];
    }

    public function AllocateNumber(object $asked): array
    {
        return ['key' => $asked->key, 'number' => $this->allocated($asked->key)];
    }

    public function GetUploadState(object $asked): array
    {
        return $this->stated($asked->sha256);
    }

    public function PutDocumentChunk(object $asked): array
    {
        $data = $this->held['files'][$asked->sha256] ?? '';
        if ((int) $asked->offset === strlen($data)) {
            $this->held['files'][$asked->sha256] = $data . $asked->bytes;
            $this->keep();
        }
        return $this->stated($asked->sha256);
    }

    public function SubmitDossier(object $asked): array
    {
        $first = $this->held['receipts'][$asked->key] ?? null;
        if ($first !== null && $first['digest'] !== $asked->payloadDigest) {
            refuse('KEY_REUSE', 'key', 'Khóa đã dùng cho nội dung khác.');
        }
        if ($first !== null) {
            return ['receipt' => ['duplicate' => true] + $first];
        }
        $number = ($asked->dossier->official ?? '') ?: $this->allocated($asked->dossier->provisional);
        $said = ['digest' => $asked->payloadDigest, 'key' => $asked->key, 'number' => $number];
        $receipt = $said + ['at' => '2026-11-21T10:00:00+07:00', 'duplicate' => false,
            'document' => json_encode($said), 'signature' => 'none'];
        $this->held['receipts'][$asked->key] = $receipt;
        $this->held['changes'][] = ['cursor' => count($this->held['changes']) + 1, 'number' => $number, 'version' => 1,
            'status' => 1, 'at' => '2026-11-21T10:00:00+07:00', 'note' => 'Đã nhận <hồ sơ> & giấy tờ'];
        $this->keep();
        return ['receipt' => $receipt];
    }

    public function GetSubmission(object $asked): array
    {
        $first = $this->held['receipts'][$asked->key] ?? null;
        return ['key' => $asked->key] + ($first === null ? [] : ['receipt' => ['duplicate' => true] + $first]);
    }

    public function GetStatusChanges(object $asked): array
    {
        $later = array_filter($this->held['changes'], fn (array $one): bool => $one['cursor'] > $asked->cursor);
        return ['office' => $asked->office, 'changes' => ['change' => array_values($later)]];
    }
}

$server = new SoapServer("$folder/tthc.wsdl", ['cache_wsdl' => WSDL_CACHE_NONE]);
$server->setObject(new Province("$folder/held"));
$server->handle();
