{{/* Access rules of worker/kafka/rights.py, which says why; a test compares them. */}}

{{- define "herald.topicRight" -}}
- resource: {type: topic, name: {{ .name | quote }}, patternType: literal}
  operations: [{{ .operations }}]
{{- end }}

{{/* The topics of replies of a system, those of reply_routes too: a list as JSON. Takes a dict of root and system. */}}
{{- define "herald.replies" -}}
{{- $own := printf "%s%s" (include "herald.prefix" .root) .system -}}
{{- $names := list (printf "%s.results" $own) (printf "%s.errors" $own) -}}
{{- range .root.Values.config.reply_routes -}}
{{- $names = concat $names (list .results .errors) -}}
{{- end -}}
{{- $names | uniq | toJson -}}
{{- end }}

{{- define "herald.login" -}}
apiVersion: kafka.strimzi.io/v1
kind: KafkaUser
metadata:
  name: {{ .name }}
  labels:
    {{- include "herald.labels" .root | nindent 4 }}
    strimzi.io/cluster: {{ .root.Values.kafka.cluster }}
spec:
  authentication:
    type: scram-sha-512
  authorization:
    type: simple
    acls:
{{- end }}
