"""An app that is not TypeScript, and uses no CDK library: it writes a cloud assembly with one stack each for staging and prod.

other-app.py <value> [parameter] [image]
"""
import json
import os
import sys

value = sys.argv[1]
parameter = sys.argv[2] if len(sys.argv) > 2 else "one"
image = sys.argv[3] if len(sys.argv) > 3 else "registry/pavi@sha256:" + "0" * 64
folder = os.environ["CDK_OUTDIR"]
context = json.loads(os.environ["CDK_CONTEXT_JSON"])

os.makedirs(folder, exist_ok=True)
artifacts = {}
for environment in ("staging", "prod"):
    name = f"Other-{environment}"
    template = {
        "Parameters": {"Size": {"Type": "String", "Default": "one"}},
        "Resources": {
            "Text": {
                "Type": "AWS::SSM::Parameter",
                "Properties": {
                    "Type": "String",
                    "Name": f"/other/{environment}",
                    "Value": f"{value} in {context['account']}",
                },
                "Metadata": {"Image": image},
            }
        },
    }
    with open(os.path.join(folder, f"{name}.template.json"), "w") as file:
        json.dump(template, file)
    artifacts[name] = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{context['account']}/{context['region']}",
        "properties": {"templateFile": f"{name}.template.json", "parameters": {"Size": parameter}},
    }
with open(os.path.join(folder, "manifest.json"), "w") as file:
    json.dump({"version": "36.0.0", "artifacts": artifacts}, file)
